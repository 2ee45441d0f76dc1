import type { ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';
import type { WatchSink } from '../watch/object-watch.js';

const MAX_COPIED_BYTES = 64 * 1024;
const LINE_END = Buffer.from('\r\n');

/**
 * The stream of a watch as an HTTP answer whose head is on its way. What many watchers are sent is
 * made a chunk once and given to each socket by one write: ServerResponse takes four, which costs a
 * third of the CPU of a watch. `sent` hears how many lines went out.
 */
export function watchSink(response: ServerResponse, sent: (lines: number) => void): WatchSink {
  const { socket } = response;
  // Others (HTTP/1.0, HEAD, one of several requests sent at once) are left to ServerResponse.
  const isChunked = response.chunkedEncoding && response.req.method !== 'HEAD';
  const out: Writable = socket !== null && isChunked ? socket : response;
  return {
    write(lines, count) {
      if (response.destroyed || response.writableEnded) return true;
      sent(count);
      return out === response ? response.write(lines) : writeChunk(out, lines);
    },
    drained() {
      return new Promise((resolve) => {
        const settle = (): void => {
          out.off('drain', settle);
          response.off('close', settle);
          resolve();
        };
        if (response.destroyed || !out.writableNeedDrain) resolve();
        else {
          out.once('drain', settle);
          response.once('close', settle);
        }
      });
    },
    get bufferedBytes() {
      return response.writableLength;
    },
    end() {
      if (!response.writableEnded) response.end();
    },
    cut() {
      response.destroy();
    },
  };
}

const chunks = new WeakMap<Buffer, Buffer>();

function writeChunk(socket: Writable, lines: Buffer): boolean {
  if (lines.length > MAX_COPIED_BYTES) {
    socket.cork();
    socket.write(chunkHead(lines));
    socket.write(lines);
    const hasRoom = socket.write(LINE_END);
    socket.uncork();
    return hasRoom;
  }
  let chunk = chunks.get(lines);
  if (chunk === undefined) {
    chunk = Buffer.concat([chunkHead(lines), lines, LINE_END]);
    chunks.set(lines, chunk);
  }
  return socket.write(chunk);
}

function chunkHead({ length }: Buffer): Buffer {
  return Buffer.from(`${length.toString(16)}\r\n`);
}
