import type { LogSource } from '../../log/remote-audit.js';
import { indexPath, TILE_WIDTH, tilePath, type TileId } from '../../proof/index.js';
import type { ServiceAnswer, ServiceClient } from '../service-client.js';
import { ServiceRefusal } from '../service-refusal.js';

/** A service's published log (c2sp.org/tlog-tiles), read over HTTP. */
export function serviceLog(service: ServiceClient): LogSource {
  const read = async (path: string): Promise<ServiceAnswer | null> => {
    try {
      return await service.request(path);
    } catch (error) {
      if (error instanceof ServiceRefusal && error.status === 404) return null;
      throw error;
    }
  };
  return {
    checkpoint: async () => {
      const answer = await read('checkpoint');
      return answer === null ? null : service.text(answer);
    },
    keyStatements: async () => {
      const answer = await read('v1/log-keys');
      return answer === null ? null : service.text(answer);
    },
    tile: async (tile: TileId) => (await read(tilePath(tile)))?.bytes ?? null,
    entryBundle: async (index, width) => {
      const partial = width === TILE_WIDTH ? '' : `.p/${width}`;
      return (await read(`tile/entries/${indexPath(index)}${partial}`))?.bytes ?? null;
    },
  };
}
