"""What is new about a topic: saved questions to registers, the candidates they bring, web pages."""
