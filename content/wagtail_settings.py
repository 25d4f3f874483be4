"""Wagtail's settings; ``settings.base`` takes them over whole. No import from Django: this runs before it is set up."""

WAGTAIL_SITE_NAME = "心桥"
# The address in mails to editors; a page's own address comes from its school's site.
WAGTAILADMIN_BASE_URL = "http://localhost"
# Named, though it is what the database would take: unnamed it may change between two rows, so that PostgreSQL reads the
# query anew for each of them.
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "content.search", "SEARCH_CONFIG": "english"}}

WAGTAILIMAGES_IMAGE_MODEL = "content.SchoolImage"
WAGTAILIMAGES_EXTENSIONS = ["avif", "gif", "jpg", "jpeg", "png", "webp"]
WAGTAILIMAGES_MAX_UPLOAD_SIZE = 10 * 1024 * 1024
# More than a phone takes unless told to. Unpacked it needs 150 MB, and every picture is unpacked when it comes in.
WAGTAILIMAGES_MAX_IMAGE_PIXELS = 50_000_000
WAGTAILIMAGES_IMAGE_FORM_BASE = "content.forms.PictureForm"
WAGTAILDOCS_DOCUMENT_MODEL = "content.SchoolDocument"
WAGTAILDOCS_SERVE_METHOD = "serve_view"
WAGTAILDOCS_EXTENSIONS = [
    "csv", "docx", "ics", "m4a", "mp3", "mp4", "odt", "pdf", "pptx", "txt", "vtt", "webm", "xlsx", "zip",
]  # fmt: skip
WAGTAILDOCS_DOCUMENT_FORM_BASE = "content.forms.FileForm"

# Chinese first; no second tree of pages per language.
WAGTAIL_I18N_ENABLED = False
WAGTAILADMIN_PERMITTED_LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
TAGGIT_CASE_INSENSITIVE = True

# Reviews happen on the page itself (reviewed_by, review_by); queues over all schools stay shut (content.gate).
WAGTAIL_WORKFLOW_ENABLED = False
WAGTAILADMIN_COMMENTS_ENABLED = False
WAGTAIL_MODERATION_ENABLED = False
# Wagtail would look the typed address up in every school's tree and answer with the page's title.
WAGTAILADMIN_EXTERNAL_LINK_CONVERSION = ""
WAGTAILADMIN_LOGIN_URL = "/accounts/login/"
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False
WAGTAIL_EMAIL_MANAGEMENT_ENABLED = False
WAGTAIL_PASSWORD_RESET_ENABLED = False
WAGTAILEMBEDS_FINDERS: list[dict[str, str]] = []
WAGTAIL_ALLOW_UNICODE_SLUGS = True
