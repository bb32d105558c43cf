"""The reader's pages. They show publications, topics and verified evidence, never a draft."""
