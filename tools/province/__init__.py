"""Invents what the secretaries of one district would have typed in one year."""
