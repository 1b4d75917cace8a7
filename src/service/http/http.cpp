// The HTTP server stands here.
