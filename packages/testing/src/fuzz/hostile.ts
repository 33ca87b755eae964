import fc from 'fast-check'

/** What JSON can say and nobody means: each has broken a parser somewhere. */
const oddities: readonly unknown[] = [
  null,
  -0,
  -1,
  0.5,
  2 ** 53,
  1e308,
  Number.POSITIVE_INFINITY, // `1e999` in JSON
  '',
  '__proto__',
  'constructor',
  '\ud800',
  '\0',
  'x'.repeat(300),
  [],
  {},
  JSON.parse('{"__proto__":{"polluted":true},"constructor":1,"toString":null,"length":7}'),
  JSON.parse(`${'['.repeat(500)}${']'.repeat(500)}`),
]

/** Any JSON, and among it what JSON can say and nobody means: `__proto__`, `-0`, `1e999`, half a surrogate pair, … */
export const anyJson: fc.Arbitrary<unknown> = fc.oneof(
  { arbitrary: fc.constantFrom(...oddities), weight: 2 },
  { arbitrary: fc.jsonValue({ maxDepth: 3 }), weight: 1 },
)

type Container = Record<string | number, unknown>

interface Change {
  readonly where: number
  readonly how: 'replace' | 'remove' | 'repeat' | 'swap'
  readonly by: unknown
}

const isContainer = (value: unknown): value is Container => typeof value === 'object' && value !== null

/** Every place in a value: what it is in, and under which key. */
const placesIn = (value: unknown): (readonly [Container, string])[] =>
  isContainer(value)
    ? Object.entries(value).flatMap(([key, inner]) => [[value, key] as const, ...placesIn(inner)])
    : []

const changed = (value: unknown, { where, how, by }: Change): unknown => {
  const places = placesIn(value)
  const [container, key] = places[where % (places.length + 1)] ?? []
  if (!container || key === undefined) return structuredClone(by)
  if (how === 'replace') container[key] = structuredClone(by)
  else if (how === 'swap') container[key] = structuredClone(places[(where * 7) % places.length]?.[0] ?? null)
  else if (!Array.isArray(container)) delete container[key]
  else if (how === 'remove') container.splice(Number(key), 1)
  else container.splice(Number(key), 0, structuredClone(container[Number(key)]))
  return value
}

/**
 * What is right but for one to three things in it: replaced by something else, gone, twice there, or another part of it.
 *
 * @example
 * fc.assert(fc.property(damaged(fc.constant(frame)), (value) => { decode(value) }))
 */
export const damaged = (sound: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc
    .tuple(
      sound,
      fc.array(
        fc.record({
          where: fc.nat(1_000),
          how: fc.constantFrom('replace', 'replace', 'remove', 'repeat', 'swap'),
          by: anyJson,
        }),
        { minLength: 1, maxLength: 3 },
      ),
    )
    .map(([value, changes]) => changes.reduce<unknown>(changed, structuredClone(value)))
