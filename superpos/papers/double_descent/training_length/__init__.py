"""Weight decay and training length."""
