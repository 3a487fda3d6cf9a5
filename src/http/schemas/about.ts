import { z } from 'zod';
import { Count } from './resources.js';

export const Version = z.strictObject({
  version: z
    .string()
    .regex(/^\d+\.\d+\.\d+/)
    .describe('Of the program, by semantic versioning.'),
});
export type Version = z.infer<typeof Version>;

export const Connection = z.strictObject({
  address: z.string().describe('Your address, for limits and the access log.'),
  forwardedFor: Count.describe('Addresses in `X-Forwarded-For`: what proxies, or you, have written there.'),
  trusted: z
    .boolean()
    .describe('Whether `INGAM_TRUST_PROXY` trusts the proxy that the request came through.'),
});
export type Connection = z.infer<typeof Connection>;
