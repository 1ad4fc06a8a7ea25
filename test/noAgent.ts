// Tests must not use the SSH agent of the user who runs them; a test that needs one starts it.
delete process.env.SSH_AUTH_SOCK;
