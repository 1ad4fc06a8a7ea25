// The ssh agent of whoever runs the tests is none of theirs; a test that needs one starts it.
delete process.env.SSH_AUTH_SOCK;
