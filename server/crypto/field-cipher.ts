import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';

const VERSION = 'v1';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Encrypts single field values with AES-256-GCM. The context (which object, which field) is bound
 * to the text: a value copied elsewhere cannot be read there.
 */
export interface FieldCipher {
  /** Never gives the same text twice. */
  encrypt(value: string, context: string): string;
  /** @throws Error when the text is not from `encrypt`, or of another key or context. */
  decrypt(text: string, context: string): string;
}

/** @throws Error unless the key has exactly 32 bytes. */
export function createFieldCipher(key: Buffer): FieldCipher {
  if (key.length !== KEY_BYTES) {
    throw new Error(`encryption key: want ${KEY_BYTES} bytes, found ${key.length}`);
  }
  // Tells one key from another in a message; says nothing about the key itself.
  const keyId = createHash('sha256')
    .update('threeport key id')
    .update(key)
    .digest('hex')
    .slice(0, 8);
  return {
    encrypt(value, context) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context));
      const body = Buffer.concat([cipher.update(value, 'utf8'), cipher.final()]);
      const sealed = Buffer.concat([nonce, cipher.getAuthTag(), body]);
      return `${VERSION}:${keyId}:${sealed.toString('base64')}`;
    },
    decrypt(text, context) {
      const [version, textKeyId, sealedText] = text.split(':');
      if (version !== VERSION || sealedText === undefined) {
        throw new Error(`cannot decrypt ${context}: not an encrypted value`);
      }
      if (textKeyId !== keyId) {
        throw new Error(
          `cannot decrypt ${context}: it needs key ${textKeyId}, configured is ${keyId}`,
        );
      }
      const sealed = Buffer.from(sealedText, 'base64');
      const tagEnd = NONCE_BYTES + TAG_BYTES;
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES))
          .setAAD(Buffer.from(context))
          .setAuthTag(sealed.subarray(NONCE_BYTES, tagEnd));
        return decipher.update(sealed.subarray(tagEnd), undefined, 'utf8') + decipher.final('utf8');
      } catch (cause) {
        throw new Error(`cannot decrypt ${context}`, { cause });
      }
    },
  };
}

/** Reads a key file: 32 bytes in base64. @throws Error naming the file, never its content. */
export async function readKeyFile(path: string): Promise<Buffer> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new Error(`cannot read encryption key file ${path}`, { cause });
  }
  const key = Buffer.from(text.trim(), 'base64');
  if (key.length !== KEY_BYTES) {
    throw new Error(`encryption key file ${path}: want ${KEY_BYTES} bytes in base64`);
  }
  return key;
}
