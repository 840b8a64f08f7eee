import { z } from 'zod';
import { tlpSchema } from './case.ts';

/** Of a customer of whom nobody said it. */
export const defaultNoiseBudget = 5;

export const customerSchema = z.object({
  id: z.string(),
  name: z.string().min(1).max(120),
  /** Networks that are the customer's own, CIDR: never a thing to block. */
  ownRanges: z.array(z.string()),
  defaultTlp: tlpSchema,
  /** Actionable alerts a day that the customer is willing to be called for. It is shown, and holds nothing back. */
  noiseBudget: z.number().int().min(0).max(1_000),
  simulated: z.boolean(),
});
/** Whom we defend. */
export type Customer = z.infer<typeof customerSchema>;

export const serviceSchema = z.object({
  id: z.string(),
  customerId: z.string(),
  name: z.string().min(1).max(120),
});
/** One thing of a customer's that is watched. */
export type Service = z.infer<typeof serviceSchema>;

export const analystSchema = z.object({
  id: z.string(),
  name: z.string().min(1).max(120),
  /** Ed25519 public key, base64 of its raw 32 bytes. */
  publicKey: z.string(),
});
/** A person with a key pair. */
export type Analyst = z.infer<typeof analystSchema>;
