"""The journey for programs (contract §API), one file a noun: read the input, call one writer, show the row."""
