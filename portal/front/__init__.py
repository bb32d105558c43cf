"""Readers' pages, kept in memory and given again without asking for their content."""
