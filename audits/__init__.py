"""Document -> Filing -> Audit: alignment with the template, findings, documents, and the store that keeps them."""
