"""What each page of the clinic's desk shows and does."""
