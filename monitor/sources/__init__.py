"""Where a text comes from: agencies, credits, licences."""
