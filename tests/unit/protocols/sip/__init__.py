"""SIP: messages, transactions, dialogs and the agent, on a clock of the test's own."""
