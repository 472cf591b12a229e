"""Documents that data and models write of themselves, and what the law asks of them."""
