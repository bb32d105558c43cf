"""What is new about a topic: saved questions to registers and the candidates they bring."""
