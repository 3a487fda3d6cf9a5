import type { PublishedLog } from '../../log/index.js';
import { encodeHeader, fromHex, HASH_LENGTH, toBase64 } from '../../proof/index.js';
import { mapPathJson } from '../../proof/records/history-file.js';
import { check } from '../requests/body.js';
import { pathParameter, queryOf } from '../requests/parameters.js';
import { ApiError } from '../responses/errors.js';
import { json, type Route } from '../route.js';
import { MapProof, MapQuery } from '../schemas/map.js';
import { RecordId } from '../schemas/records.js';

/** The map of all records' values. Ids of records are random to strangers, so whoever asks knows one already. */
export function mapRoutes({ log }: { readonly log: Pick<PublishedLog, 'mapProof'> }): Route[] {
  return [
    {
      method: 'get',
      path: '/v1/map/{id}',
      access: 'open',
      operation: {
        id: 'getMapPath',
        tag: 'Records',
        summary: 'Get a record’s value after a block, or that there was no such record, with its proof',
        description:
          'docs/proof-format-time.md specifies the map. The answer stands for itself: the path leads to the root in the statement, whose SHA-256 is in the header, which the checkpoint covers.',
        path: { id: RecordId },
        query: MapQuery,
        responses: { 200: { description: 'The path with its proof.', content: json(MapProof) } },
        errors: ['block_not_found', 'unavailable'],
      },
      async handle(req, res) {
        const record = check(RecordId, pathParameter(req, 'id'), 'invalid_parameter', 'id');
        const { at } = queryOf(req, MapQuery);
        const proof = await log.mapProof(fromHex(record, HASH_LENGTH, 'the id'), at ?? null);
        if (proof === null)
          throw new ApiError('block_not_found', 'No published checkpoint covers a block at this height.');
        const { block, statement, path, headerPath, checkpoint } = proof;
        const answer: MapProof = {
          record,
          height: block.height,
          statement,
          path: mapPathJson(path),
          header: toBase64(encodeHeader(block)),
          headerPath: headerPath.map(toBase64),
          checkpoint,
        };
        res.set('Cache-Control', 'no-cache').json(answer);
      },
    },
  ];
}
