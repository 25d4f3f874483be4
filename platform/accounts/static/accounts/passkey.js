/* A passkey that was not used is no error of the page: say so in words. allauth's webauthn.js asks first. */
document.addEventListener('allauth.error', function (event) {
  var note = document.getElementById('passkey_failed')
  if (!note) return
  event.preventDefault()
  note.hidden = false
})
