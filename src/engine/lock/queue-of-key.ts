const OFFSET_BASIS = 0x811c9dc5;
const PRIME = 0x01000193;

/** Spreads keys over so many queues, by FNV-1a (Fowler, Noll and Vo): the same on every node. */
export const queueOfKey = (key: string, queues: number): number => {
  let hash = OFFSET_BASIS;
  for (const character of key) hash = Math.imul(hash ^ character.codePointAt(0)!, PRIME);
  return (hash >>> 0) % queues;
};
