"""Why a classifier answers as it does: what an answer hangs on, and how far that is to be believed."""
