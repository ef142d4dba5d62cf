import { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'

/** A request as Node hands it to the server: headers of a real Chromium. */
export function createRequestForBench(
  socket: Socket,
  extra: Readonly<Record<string, string>>,
): IncomingMessage {
  const request = new IncomingMessage(socket)
  request.method = 'GET'
  request.url = '/api/anything'
  request.headers = {
    host: 'shop.example',
    'user-agent':
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36',
    accept: '*/*',
    'accept-language': 'en-GB,en;q=0.9,de;q=0.8',
    'accept-encoding': 'gzip, deflate, br, zstd',
    'sec-ch-ua': '"Chromium";v="156", "Not_A Brand";v="24"',
    'sec-ch-ua-mobile': '?0',
    'sec-ch-ua-platform': '"Linux"',
    ...extra,
  }
  return request
}
