import { createPrivateKey, createPublicKey, sign as nodeSign } from 'node:crypto';
import { p256, p384, p521 } from '@noble/curves/nist.js';
import { bitString, element, nullValue, oid, sequence } from '../../../../src/proof/time/der-writer.js';
import { TAG } from '../../../../src/proof/time/der.js';
import { DIGESTS, type DigestName } from '../../../../src/proof/time/digests.js';
import { sha256 } from '../keys.js';

/** Keys that anyone can compute or copy: they are for vectors only. All signatures are the same each time. */

export interface Key {
  /** DER SubjectPublicKeyInfo. */
  readonly spki: Uint8Array;
  /** AlgorithmIdentifier of its signatures in certificates. */
  readonly algorithm: (digest: DigestName) => Uint8Array;
  readonly sign: (message: Uint8Array, digest: DigestName) => Uint8Array;
}

const EC_KEY = '1.2.840.10045.2.1';
const ECDSA = { sha256: '1.2.840.10045.4.3.2', sha384: '1.2.840.10045.4.3.3', sha512: '1.2.840.10045.4.3.4' };
const RSA = { sha256: '1.2.840.113549.1.1.11', sha384: '1.2.840.113549.1.1.12', sha512: '1.2.840.113549.1.1.13' };
export const RSA_ENCRYPTION = sequence(oid('1.2.840.113549.1.1.1'), nullValue());

const CURVES = {
  'P-256': { curve: p256, name: '1.2.840.10045.3.1.7', length: 32 },
  'P-384': { curve: p384, name: '1.3.132.0.34', length: 48 },
  'P-521': { curve: p521, name: '1.3.132.0.35', length: 66 },
};

/** The secret scalar is the SHA-256 of a text; RFC 6979 makes the nonces. */
export function ecKey(seedOf: string, name: keyof typeof CURVES = 'P-256', highS = false): Key {
  const { curve, name: id, length } = CURVES[name];
  const secret = new Uint8Array(length);
  secret.set(sha256(`token vector key ${seedOf}`), length - 32);
  return {
    spki: sequence(sequence(oid(EC_KEY), oid(id)), bitString(curve.getPublicKey(secret, false))),
    algorithm: (digest) => sequence(oid(ECDSA[digest])),
    sign: (message, digest) => {
      const hash = DIGESTS[digest].hash(message);
      const low = curve.sign(hash, secret, { prehash: false, lowS: true, format: 'compact' });
      const r = BigInt(`0x${Buffer.from(low.subarray(0, length)).toString('hex')}`);
      const s = BigInt(`0x${Buffer.from(low.subarray(length)).toString('hex')}`);
      return sequence(bigInteger(r), bigInteger(highS ? curve.Point.Fn.ORDER - s : s));
    },
  };
}

function bigInteger(value: bigint): Uint8Array {
  const hex = value.toString(16);
  const octets = Buffer.from(hex.length % 2 === 1 ? `0${hex}` : hex, 'hex');
  return element(TAG.integer, new Uint8Array((octets[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), octets]) : octets));
}

function nodeKey(pkcs8: string, algorithm: Key['algorithm'], digestOf: (digest: DigestName) => string | null): Key {
  const key = createPrivateKey({ key: Buffer.from(pkcs8, 'base64'), format: 'der', type: 'pkcs8' });
  const spki = new Uint8Array(createPublicKey(key).export({ format: 'der', type: 'spki' }));
  return { spki, algorithm, sign: (message, digest) => new Uint8Array(nodeSign(digestOf(digest), message, key)) };
}

function rsaKey(pkcs8: string): Key {
  return nodeKey(pkcs8, (digest) => sequence(oid(RSA[digest]), nullValue()), (digest) => digest);
}

/** The same key, which signs with another digest than it should. */
export function rsaWith(algorithm: string, digest: string): Key {
  return nodeKey(RSA_2048, () => sequence(oid(algorithm), nullValue()), () => digest);
}

/** RSASSA-PSS with a salt of no bytes, so that the signature is the same each time. */
export function pssKey(parameters: (digest: DigestName) => Uint8Array | null = pssParameters): Key {
  const key = createPrivateKey({ key: Buffer.from(RSA_2048, 'base64'), format: 'der', type: 'pkcs8' });
  return {
    ...RSA_KEY,
    algorithm: (digest) => sequence(oid('1.2.840.113549.1.1.10'), ...[parameters(digest)].filter((each) => each !== null)),
    sign: (message, digest) =>
      // 6: RSA_PKCS1_PSS_PADDING
      new Uint8Array(nodeSign(digest, message, { key, padding: 6, saltLength: 0 })),
  };
}

export function pssParameters(digest: DigestName, mask: DigestName = digest): Uint8Array {
  const identifier = (name: DigestName) => sequence(oid(DIGESTS[name].oid), nullValue());
  return sequence(
    element(0xa0, identifier(digest)),
    element(0xa1, sequence(oid('1.2.840.113549.1.1.8'), identifier(mask))),
    element(0xa2, element(TAG.integer, Uint8Array.of(0))),
  );
}

/** The public key of `RSA_KEY`, with another exponent. */
export function withExponent(exponent: Uint8Array): Key {
  const { n = '' } = createPublicKey({ key: Buffer.from(RSA_KEY.spki), format: 'der', type: 'spki' }).export({ format: 'jwk' });
  const modulus = element(TAG.integer, new Uint8Array([0, ...Buffer.from(n, 'base64url')]));
  return { ...RSA_KEY, spki: sequence(RSA_ENCRYPTION, bitString(sequence(modulus, element(TAG.integer, exponent)))) };
}

/** A point of P-256 in its compressed form. */
export function compressed(seedOf: string): Key {
  const key = ecKey(seedOf);
  const secret = sha256(`token vector key ${seedOf}`);
  const { name } = CURVES['P-256'];
  return { ...key, spki: sequence(sequence(oid(EC_KEY), oid(name)), bitString(p256.getPublicKey(secret, true))) };
}

/** A key of the form of P-256 whose point is not on the curve. */
export function offCurve(seedOf: string): Key {
  const key = ecKey(seedOf);
  const spki = key.spki.slice();
  spki[spki.length - 1] = (spki.at(-1) ?? 0) ^ 1;
  return { ...key, spki };
}

const RSA_1024 = [
  'MIICeQIBADANBgkqhkiG9w0BAQEFAASCAmMwggJfAgEAAoGBAMnRvDoK5tAs/A+kAoy4dXMrIpxVWGiFIEC1wPFDSgbJdsi1uuqKv0yfrNsXevwZeG+vdf7u',
  'm1omQIxgxHN1oJE30skaNg8ZRlG/TLgVA8ehZ7JwfUrkh7+Jhl+RmNaUetbA18zUcu9OgfXCJbVbPuOVnF/7LR7lp/rt508BW495AgMBAAECgYEAsFuz5PCj',
  '0+SLe0tx4vBJyhM2knBN6j/y+DkbWnjXlmi0gR21McF++4FI9sdk9Cl5wfcM4HI3lSZ6H3FsGgz++noCekM1xgXXVNlzNdgcQp1HKgMHf7KSkxpYOgsJQtKO',
  '90GQ7MzejicUqw+CZ5r9fqg87NUiOM8274muAB/vbvUCQQDnKxsFtLXFZQbUXmiGtO4TolXuW+ef6o4wBNCVLQL5UaSTKhDx6Hc3a/b91enls8YKI1IUW6rb',
  '07S2XsDGs2kTAkEA33+PMWCwaXpnrfQclymx/+mLuJMIfP6dxMGpuIAqk+pwzpyNtr7T4aoHBt/V12zqsZwDz/G7e4l+mtpWaAoiwwJBAKRbnYbdCTAjuEte',
  'JGtCUNNc5EPozDKDDj1N7w9hRXAGgECx9AJLChg5hw7K/NX4j6G9oyoeUsihKSdRDzc3cEkCQQCcJ+YGnAXmTK3wLqVjQLCrm6QR3DmMC+JzvNQ2ouYc3yre',
  'USf6zS4Bd+jc9rvUfrckTVukiMNzt0eMLo08uAg9AkEA2TaksJxL53K9X5sicHvDyjvoj+XM27lDXtoL68faVrrIXrFMPTRRO/t3CNNOapU4izmphXIh7I2a',
  '7b1MlaOKUQ==',
].join('');
const RSA_2048 = [
  'MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQCf7KLBOgjCQMK2Px+TBvCaAbfOxOAhmCUd2wQhsBexuluCIXt0EMkTobzIC766ffeH58Jv',
  'UJYKJq1pdsDiBYsWYCxLL1rlZ7RrshGJ6IcWP++wA6LHzdrpZfKZvggBi8uuSr+zIU3KkOIT4ni5Qsy18L9XtbLXZWYMNduhzz31xet5XC48P7u+q6g9HOjv',
  'r9rjjSq7GK5ggq+C5VuvGqzCW3R8+RH1GWdrfE3ACiBzTcb73LpNmjKkRHvXtE7Q9cpQLnrzNY4OnCdNOZu7iHo1yZg1fGw0FsAdm+peG4mp0ueLKP67rKuS',
  '4Uh6tmaRhOt4invHdAY3haaWqSD8ybJdAgMBAAECggEADabAhJK0pAhX1qtwFuKKb/W3lVc+8/8tzpefNFT4y3tnS6YaCLVUxMU9/SxA0rXlXFzklGX3o37b',
  't1tOFGfOu1E9rAlVzqwEkwY3SGNorKCL5aWEeV58J7JD0ZXkJGWk3wg9xvJlK+Z5i02ov9UQ7nL857rN57nIdUBfsuH4SF4YY8d4qgXSd1iQPdTOvLmACy1+',
  'FAEYlI2SoHb/tcuXDL8D61O5nBebIPRPtMDLrfQnw0lPPU0giW+FAUmaJNiQBtv1XkOYaVr2nEqXI8o1izF/Wr3z4CUIvAgMUxVeKL3eR5/FEPBt0uQD0Vpy',
  'SleJ86U/lp5I+Y+ugdPD7JARTQKBgQDd3yYJk3gf97Xmxdm+7YE04R99enBRcqmT9IBwy/VkZ+Q3HhzTOBMeVjUClbSzpKSLkZLLegnTkcAilah1j8XzVJkq',
  'rhYo83McKCGMP3QxLd7b84LoTN36WhoXgBzq851avYfHwOqb2gX4cg4/BayuRGpRlFSR+KZ/OpTlamPURwKBgQC4hiEDFDQN0fTYGWue9qeqU2KHrPcLYnBm',
  'MKXb6vETrsywqARs/tVrFo4OFlgHYfy6RhqnRlCSwYx1aNqe+xw+rBUgswanP2abvJkdurWjGZA583swELsS3gcXvv+N+T9H4WlLU2d3XtZ1yOKPsRoDnPQ5',
  'VllcHx1DU525YhsKOwKBgQChhPgN9Jt4uj5kOBiilAiB1Hm2QVJPGOg228I9W13TsIZFUdiuM55HcX652P5p4SwgpuN02e0ZZnu3MbgnjXkQAcBXf9CGE2Tz',
  'VIvHq9IMk1YwTYA5WOwoezuPbCahLKSbEGsuklS5DOlXysBwRNNHMmsr5I4Ejj23VZBbyy3NtQKBgHCB36j37ZErneURAsyGyc4RT3c4H90CJVQ5fzdqtZjx',
  'sH5Zw3ENo+TKeMzgFMZTmXud+Oxa9A+3EUQZLYtXwm34EF3CqmDZSF/Wi2lUCSGsGYMsEMVKvjWPyLVS0JCpE0tphgDWlrRyz8I7POCt9BWV4lb/bja8BeSi',
  'G/4HckM3AoGBAMr5ccwRdcWJOp4LDO2p9+uESEoE3DYScDwiXKm4109qPPolcVTRhvWgkL7FAKUlMm1BKN9aV7ldY4sMCDBMSMBcad7UQkJF/hFyuOOFH4EA',
  'ciFm8ky4MfXNzypqQMDaGer7KxnpZ0KF7XXpDR3kd1MlQTGN7CUHTqND70XkqH/0',
].join('');
const RSA_3072 = [
  'MIIG/gIBADANBgkqhkiG9w0BAQEFAASCBugwggbkAgEAAoIBgQCexZoXqC3g0WJY5bN6XN7eS3fXYcFvsVMw2D42R1ZdE3Ry9et4EnGwpIUNuN/ypsyM17tR',
  'S+XBcoKaOE4taroTBjKu8AknmeYcdL04oTVxfqJ/v3V3LqE03OLFM7sbg2ccYYtLh7bW116FhUNVesSaQNFTlj6h/xEEi+uBN/WAUVIzLqaQ06q+aeMAgnIo',
  'eMxZfB1igvrcy5zlGeSaOg8RMmHZ1bxmUfqs1MuFByPVp32+GSrOMd9iCjlu4H4HK8pu0e0zoL83leRL6e9sfxwdvkZEQCxF04IKqbTQwz4eMkhgyh1aL4YN',
  'Z/vP60629LrM6D2vUPFLBuySYM9qZVSrrcrPs9UQk85y8O0l0bc5mYTUhfpAFFeVvMq3zdEqkQAOLiB1Wrh5bfeWrJKd//YuINew2see0c3VXBAbz31WAk4/',
  'DN1HxFyRZwklv9H3ud2ENGPYYHiAr8hcIDOgLtsZPluKT3Q1ajAdjWuUcEhmWtOoIYlHzV26wXcaFjQ6qT0CAwEAAQKCAYAgGd66ar//5QXH6IVdt5o+Aq8z',
  'xmmITid+SDJn4guFnRHdznfx2nTPHKxkJl1tH6lazqFqYfiNoLvkN38i8qG1h/rGYPTQ425hkX7SjNGT5WEwiALVeoGQgRp+eaOaf/pghB5YQpPGo1vSjiub',
  'hEtszq8kAcwfD8WekDWo9in2bDq863E09f7fKeSCLV2sbiQO8ae1S7sx2h8aOR59ykBSn0emde72FxwiRpHxjwyBPbCQN2FuuCmsllmfX9dLVuBwzImN0Lvb',
  'Xk7FRAlPL3FJw5tLMsvludSc7QHwd7F7Q6EAO0Viti7ml8QX9XUVAXU/l52ED2U8DG82XYwpNib/Gqmw84K3nEL0iohKkNjpH8iF+H6Q/ISuXOKtTAyPr+Kf',
  'Zp8k8SMhrMSJIgov11jVM6apBmiVhEdJoB2VJIi6uCnqR175I9Kn/NEgxqP8Hij9hxXHVPLT4nS2FvXgj4QcpVryXMSzB5GC7VxKQy8b3bfGK1vBlI0fDfhx',
  'Bh4/uxECgcEA12bOUb2eTSS7N500zbsVDSQVVK9K6OeB2veNJ3lv2BF8x3Q9OTIKUZFbUwnAaCdfH8eKaPf7OIcLIHnzj0kZK31xUJ3DEE+2pMDeOOdB/l3Y',
  '7rs1Frm01hzwH5G9a5pvoY9Nr9Bne0G+HnOL0qoUjnUS5x1yvsJ8svO0xZA9l/orLWPgikTLlH96nmZtYcMuQlV8uzSo5CbMkaxQ0jAG26WcffBNh/rg7ZRF',
  'UEBxT3hZs3A66jgKEXEyvqsMGrtVAoHBALyyZSIBPEpQgcavbIPC2X6c0Uu4gPwOeIQhuw3ilunJMXTzWcwMYHy3dclFf2JBtUMkBXCBaWKKBMQLpz4SMRAe',
  'tuCoeWZEN6EazMMayZVKJiPi4/e6ms9vw/yZDD7GmxpNfqubfY7htnZiyk46XcN7H6Cdli2pT5wnl4/lURY4WPabRlvlwQB4NpUIQOCdByZvUGZosej/jvDg',
  'fAWP14MhTGYqwQT3+ngbZlHMX59/+u3Ie19sJGv/6kSXP9pGSQKBwQCHW1wlc5Gpin53WTuYWIrHAjjBSZI6P1iTn+I8vwvwbDTMJZhfe7mOPlh0GvmkubEG',
  'CF9KzSI6CGqOkvPhw56kfKSbczfj5SOx7lz2xyPqU1EB2/RlfndL4U1nmS6+EoM5tBKue7i7dLmi6xsfW6+lQZ6KSzAS/aZc0dZ0G8sI2LUPRecRHGANxfno',
  '1hbAS2WjW5MRFOtYy6TbmbwECRgWKMDpRvuBir6TrQvNfWF2/froTotHKcXx5f9sX5Iwri0CgcEAnSD8YBWhS8zAVF+NwCaIEAurqR8poTq3lme0KLrPqjvU',
  'SCvAUc7YpeHrXj/V9E79Dry3HtlUlS6TC2Ec0e46Fs9Mv8Tq2oLhw/DaI3lx9TP6kJWF+arU8PmDvRsA/GFLlNqFKYdgRZOk6e4Xwo6Nt5MWYhv3i2xak5DQ',
  'f42YOSWQx0HDlBC855Qy92UZCTEZXCMDU1PJGll8gQ6dl9AQyOv4f3cIpgeM9WjzihfiZKIgpNL2ER6vMZO4U4eTL0KpAoHABn9JdXPKrwcpoxVQdqqW8dq0',
  '9l0P8k+m9NdVwhh96ZI0tlkGdZn/7+KXWx1a6CmqKSIp2FkIpymSWAGhiv2vRuEAgkXYBNah17hjB2x17vDR60+m/8lMzHasAMfFlIN+d46VdE4CyyTRF+vn',
  'PlTRsE2UJe4ezPFnq2E3PbHW0PTkmsksCHtycNbo10UWUTotmNDsgg0ercp4AKZs45tU1IA2HI4udBHD8keHW/R/O/Ax8kFWy4Zst0aOFXGRnQRX',
].join('');
const ED25519 = 'MC4CAQAwBQYDK2VwBCIEID2jTQ6MJp1zJQlUFOfGi3xsAnanyoB8yN2Q1R1Y3flt';

export const WEAK_KEY = rsaKey(RSA_1024);
export const RSA_KEY = rsaKey(RSA_2048);
export const RSA_3072_KEY = rsaKey(RSA_3072);
export const EDWARDS_KEY = nodeKey(ED25519, () => sequence(oid('1.3.101.112')), () => null);
