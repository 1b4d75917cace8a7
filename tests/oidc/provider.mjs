// A real OpenID provider on loopback for the tests: provider.mjs PORT REDIRECT_URI. Its development
// forms take any name with any password, and its claims say that it is so.
import { Provider } from 'oidc-provider';

const [port, redirectUri] = process.argv.slice(2);

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{
    client_id: 'tutela',
    client_secret: 'a secret of the tests',
    redirect_uris: [redirectUri],
    grant_types: ['authorization_code'],
    response_types: ['code'],
  }],
  pkce: { required: () => true, methods: ['S256'] },
  claims: { openid: ['sub'], profile: ['preferred_username'] },
  conformIdTokenClaims: false,
  findAccount: (_context, id) => ({
    accountId: id,
    claims: () => ({ sub: `subject-of-${id}`, preferred_username: id }),
  }),
  cookies: { keys: ['of the tests'] },
});

provider.listen(Number(port), '127.0.0.1', () => console.log('ready'));
