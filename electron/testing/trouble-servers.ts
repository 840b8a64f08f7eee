import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTcpServer, type Socket } from 'node:net';

/** A server on loopback that a test ends. */
export interface TestServer {
  readonly port: number;
  /** Paths of the requests it got, or what was written to it. */
  readonly asked: string[];
  close(): Promise<void>;
}

/** An HTTP server that answers as it is told. */
export function httpServer(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<TestServer> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.on('error', () => undefined);
    answer(request, response);
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve({
        port: typeof address === 'object' && address !== null ? address.port : 0,
        asked,
        close: () =>
          new Promise((done) => {
            server.close(() => done());
            server.closeAllConnections();
          }),
      });
    });
  });
}

/** A TCP server that does with each connection what it is told, for protocols other than HTTP. */
export function tcpServer(answer: (socket: Socket, command: string) => void): Promise<TestServer> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    socket.once('data', (chunk) => {
      asked.push(chunk.toString());
      answer(socket, chunk.toString());
    });
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve({
        port: typeof address === 'object' && address !== null ? address.port : 0,
        asked,
        close: () =>
          new Promise((done) => {
            for (const socket of sockets) socket.destroy();
            server.close(() => done());
          }),
      });
    });
  });
}

/** Writes until the other side has enough. */
export function flood(stream: NodeJS.WritableStream): void {
  const block = Buffer.alloc(256 * 1024, '[');
  let ended = false;
  const stop = () => {
    ended = true;
  };
  stream.on('close', stop);
  stream.on('error', stop);
  const pump = () => {
    while (!ended && stream.write(block));
  };
  stream.on('drain', pump);
  pump();
}

/** The ways in which a web server can fail to be what it should, with what a source has to say of it. */
export const httpTroubles: readonly {
  readonly name: string;
  readonly code: string;
  readonly says: RegExp;
  readonly answer: (request: IncomingMessage, response: ServerResponse) => void;
}[] = [
  { name: 'never answers', code: 'timed-out', says: /did not answer within 1 s/, answer: () => undefined },
  {
    name: 'begins and never ends its answer',
    code: 'timed-out',
    says: /did not answer within 1 s/,
    answer: (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('[');
    },
  },
  {
    name: 'answers 500',
    code: 'unavailable',
    says: /answered with an error \(500\)\. It said: “boom”\./,
    answer: (_request, response) => {
      response.writeHead(500, { 'content-type': 'application/json' });
      response.end('{"error":"boom"}');
    },
  },
  {
    name: 'answers with a sign-in page',
    code: 'unavailable',
    says: /answered with a web page \(“Sign in”\) where data was expected/,
    answer: (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end('<!doctype html><title>Sign in</title>');
    },
  },
  {
    name: 'sends gigabytes',
    code: 'too-large',
    says: /sent more than \d+ MiB in one answer; the rest was not read/,
    answer: (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      flood(response);
    },
  },
  {
    name: 'closes in the middle of its answer',
    code: 'unavailable',
    says: /closed the connection before its answer was complete/,
    answer: (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
      response.write('[');
      setImmediate(() => response.destroy());
    },
  },
  {
    name: 'sends us elsewhere',
    code: 'refused',
    says: /sends us on to http:\/\/192\.0\.2\.1\. That is not followed/,
    answer: (_request, response) => {
      response.writeHead(302, { location: 'http://192.0.2.1/login' });
      response.end();
    },
  },
  {
    name: 'sends us around in a circle',
    code: 'refused',
    says: /sends us around in a circle/,
    answer: (request, response) => {
      response.writeHead(307, { location: request.url ?? '/' });
      response.end();
    },
  },
  {
    name: 'answers with something that is not JSON',
    code: 'unavailable',
    says: /answered with “hello\\u0007” where JSON was expected|answered with “.*hello.*” where JSON was expected/,
    answer: (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end('hello\u0007');
    },
  },
  {
    name: 'answers with JSON of another form',
    code: 'unavailable',
    says: /answered with JSON of an unexpected form/,
    answer: (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end('{"hello":[1]}');
    },
  },
  {
    name: 'does not let us in, and repeats our token',
    code: 'not-allowed',
    says: /does not let us in \(401\): check how we sign in\. It said: “bad token \[secret\]”/,
    answer: (request, response) => {
      response.writeHead(401, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ error: `bad token ${request.headers.authorization?.slice(7)}` }));
    },
  },
];
