const MAX_CACHED_ROUTES = 10_000;

/** `*` stands for one word and `#` for any number of them, none included; words are separated by dots. */
const topicMatches = (pattern: readonly string[], words: readonly string[]): boolean => {
  const [first, ...rest] = pattern;
  if (first === undefined) return words.length === 0;
  if (first === '#') {
    return topicMatches(rest, words) || (words.length > 0 && topicMatches(pattern, words.slice(1)));
  }
  return words.length > 0 && (first === '*' || first === words[0]) && topicMatches(rest, words.slice(1));
};

const wordsOf = (key: string): readonly string[] => (key === '' ? [] : key.split('.'));

export type ExchangeType = 'direct' | 'topic' | 'fanout';

const MATCHES: Readonly<Record<ExchangeType, (pattern: string, routingKey: string) => boolean>> = {
  direct: (pattern, routingKey) => pattern === routingKey,
  topic: (pattern, routingKey) => topicMatches(wordsOf(pattern), wordsOf(routingKey)),
  fanout: () => true,
};

/** An exchange: the names of the queues for a routing key, each once, however many of its bindings match. */
export class SimulatedExchange {
  readonly type: ExchangeType;
  readonly #bindings: { readonly queue: string; readonly pattern: string }[] = [];
  readonly #routes = new Map<string, readonly string[]>();

  constructor(type: ExchangeType) {
    this.type = type;
  }

  bind(queue: string, pattern: string): void {
    if (this.#bindings.some((binding) => binding.queue === queue && binding.pattern === pattern)) return;
    this.#bindings.push({ queue, pattern });
    this.#routes.clear();
  }

  unbind(queue: string): void {
    const kept = this.#bindings.filter((binding) => binding.queue !== queue);
    this.#bindings.splice(0, this.#bindings.length, ...kept);
    this.#routes.clear();
  }

  route(routingKey: string): readonly string[] {
    const known = this.#routes.get(routingKey);
    if (known !== undefined) return known;
    const matches = MATCHES[this.type];
    const queues = this.#bindings
      .filter(({ pattern }) => matches(pattern, routingKey))
      .map(({ queue }) => queue);
    const route = [...new Set(queues)];
    if (this.#routes.size >= MAX_CACHED_ROUTES) this.#routes.clear();
    this.#routes.set(routingKey, route);
    return route;
  }
}
