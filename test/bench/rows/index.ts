import type { Row } from '../harness/bench.js';
import { audit } from './audit.js';
import { bulk } from './bulk.js';
import { bytes } from './bytes.js';
import { certificate } from './certificate.js';
import { clients } from './clients.js';
import { deadMembers } from './dead-members.js';
import { deadSources } from './dead-sources.js';
import { finalProof } from './final-proof.js';
import { growth } from './growth.js';
import { history } from './history.js';
import { idle } from './idle.js';
import { key } from './key.js';
import { lookup } from './lookup.js';
import { map } from './map.js';
import { member } from './member.js';
import { overload } from './overload.js';
import { page } from './page.js';
import { peers } from './peers.js';
import { post } from './post.js';
import { processes } from './processes.js';
import { proofs } from './proofs.js';
import { recordEvents } from './record-events.js';
import { records } from './records.js';
import { timeStamps } from './time-stamps.js';
import { token } from './token.js';
import { tree } from './tree.js';
import { upload } from './upload.js';
import { verify } from './verify.js';
import { webhooks } from './webhooks.js';

/**
 * In the order in which they run: rows that keep big chains loaded are last, so that they affect no others.
 */
export const ROWS: readonly Row[] = [
  post,
  clients,
  processes,
  overload,
  key,
  recordEvents,
  deadMembers,
  deadSources,
  webhooks,
  bulk,
  upload,
  idle,
  tree,
  map,
  verify,
  token,
  timeStamps,
  finalProof,
  page,
  proofs,
  history,
  lookup,
  certificate,
  audit,
  bytes,
  member,
  records,
  growth,
  peers,
];
