"""The dialects' list pages once more, straight on ASGI: what they are measured against.

What lives here: the least that has to be done for the same bytes: look the credential up, read the parameters, ask the
catalogue the same question, write the answer.  What does not: routes, tables of words, checks, errors, ids that a
vendor gave.  One module a page, with ``ask`` (parameters to query) and ``tell`` (answer to JSON values).
"""
