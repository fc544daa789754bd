"""The store on Elasticsearch or OpenSearch: the only place that knows the `elasticsearch` client."""
