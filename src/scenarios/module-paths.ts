import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { REGISTRY } from '../engine/registry.ts';
import { isFields } from './changes.ts';
import type { Path } from './problems.ts';

/** Where a strategy's name may stand, this is the path of a module with the user's own. */
export const MODULE_PATH = /^(?:\.{1,2}\/|\/|file:)/;

const isPort = (field: unknown): boolean => Object.hasOwn(REGISTRY, String(field));

/** What a field on the way from a file's root to a strategy's name may be called. */
const WAY: readonly ((field: unknown) => boolean)[] = [
  (field) => field === 'scenarios',
  () => true,
  (field) => field === 'engine',
  isPort,
  (field) => field === 'name',
];

const isOnWay = (path: Path): boolean =>
  path.length <= WAY.length && path.every((field, depth) => WAY[depth]!(field));

/** Both the port's field and the name in it hold a strategy's name. */
const namesStrategy = (path: Path): boolean => path.length >= WAY.length - 1 && isOnWay(path);

/** `data`, which stands at `path` of a scenarios file, with `change` made to the paths of modules in it. */
const mapModules = (path: Path, data: unknown, change: (module: string) => string): unknown => {
  if (typeof data === 'string') return namesStrategy(path) && MODULE_PATH.test(data) ? change(data) : data;
  if (!isFields(data) || !isOnWay(path)) return data;
  return Object.fromEntries(
    Object.entries(data).map(([field, value]) => [field, mapModules([...path, field], value, change)]),
  );
};

/** The absolute URL of a module's path, so that it means the same in every thread. */
export const moduleUrl = (path: string, folder: string): string =>
  path.startsWith('file:') ? path : pathToFileURL(resolve(folder, path)).href;

/** Paths of modules as absolute URLs. `folder`: what they are relative to. */
export const withModuleUrls = (path: Path, data: unknown, folder: string): unknown =>
  mapModules(path, data, (module) => moduleUrl(module, folder));

/** The modules that data at `path` names, after `withModuleUrls`. */
export const modulesIn = (path: Path, data: unknown): readonly string[] => {
  const urls = new Set<string>();
  mapModules(path, data, (url) => {
    urls.add(url);
    return url;
  });
  return [...urls];
};

export const folderOf = (file: string): string => dirname(resolve(file));
