// A receiver that believes nothing but the package of Standard Webhooks: receiver.mjs SECRET [KEY
// CERTIFICATE]. Prints its port, then a line of JSON a request. Message 2 fails at first, message 4
// gets no answer at first.
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { Webhook } from 'standardwebhooks';

const [secret, key, certificate] = process.argv.slice(2);
const webhook = new Webhook(secret);
const seen = new Set();

function serve(request, response) {
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', () => {
    const body = Buffer.concat(parts).toString('utf8');
    const id = request.headers['webhook-id'];
    let status = 204;
    let message = null;
    try {
      message = webhook.verify(body, request.headers);
      const first = !seen.has(id);
      seen.add(id);
      if (first && message.data.n === 2) {
        status = 500;
      } else if (first && message.data.n === 4) {
        status = 0;
      }
    } catch (error) {
      status = 401;
    }
    console.log(JSON.stringify({
      id, status, message, method: request.method, type: request.headers['content-type'],
    }));
    if (status !== 0) {
      response.writeHead(status).end();
    }
  });
}

const server = key === undefined
  ? http.createServer(serve)
  : https.createServer({ key: readFileSync(key), cert: readFileSync(certificate) }, serve);
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
