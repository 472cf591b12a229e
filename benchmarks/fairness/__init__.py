"""Whether real reports are answered alike for all groups, and what mending that costs."""
