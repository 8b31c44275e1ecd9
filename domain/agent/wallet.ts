import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { bytesToHex } from '@noble/hashes/utils.js';

const IV_BYTES = 12;
const TAG_BYTES = 16;

/** The EIP-55 checksummed address of a secp256k1 private key (32 bytes). */
export function addressOf(privateKey: Uint8Array): string {
  const publicKey = secp256k1.getPublicKey(privateKey, false).slice(1);
  const hex = bytesToHex(keccak_256(publicKey).slice(-20));
  const checksum = bytesToHex(keccak_256(new TextEncoder().encode(hex)));
  return `0x${[...hex].map((digit, index) => (Number.parseInt(checksum[index] ?? '0', 16) >= 8 ? digit.toUpperCase() : digit)).join('')}`;
}

/** AES-256-GCM: iv (12) ‖ tag (16) ‖ ciphertext. `address` is bound as additional data, so a key cannot be moved to another wallet. */
export function encryptPrivateKey(privateKey: Uint8Array, key: Uint8Array, address: string): Buffer {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(address.toLowerCase()));
  const ciphertext = Buffer.concat([cipher.update(privateKey), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), ciphertext]);
}

/** The inverse; throws when the key is wrong or the bytes were changed. */
export function decryptPrivateKey(encrypted: Uint8Array, key: Uint8Array, address: string): Buffer {
  const bytes = Buffer.from(encrypted);
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, IV_BYTES)).setAAD(
    Buffer.from(address.toLowerCase()),
  );
  decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
  return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
}

/** A new wallet: its address, and its private key encrypted with `key` (32 bytes). */
export function createWallet(key: Uint8Array): { address: string; encryptedPrivateKey: Buffer } {
  const privateKey = secp256k1.utils.randomSecretKey();
  const address = addressOf(privateKey);
  return { address, encryptedPrivateKey: encryptPrivateKey(privateKey, key, address) };
}
