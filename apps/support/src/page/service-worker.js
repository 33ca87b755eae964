// Keeps the page, its scripts and its icon, so that a reload works while the server is down or the network is off.
// What the page shows is not here: Syncline keeps it in IndexedDB.
const cacheName = `page-${new URL(location.href).searchParams.get('build')}`
const patience = 3_000

addEventListener('install', (event) => event.waitUntil(fill().then(() => skipWaiting())))
addEventListener('activate', (event) => event.waitUntil(forgetOtherBuilds().then(() => clients.claim())))

async function fill() {
  const page = await fetch('/', { cache: 'no-store' })
  const parts = (await page.clone().text()).match(/\/(?:_next\/static\/|icon\.svg)[^"'\\\s)]*/g) ?? []
  const cache = await caches.open(cacheName)
  await cache.addAll(new Set(parts))
  await cache.put('/', page)
}

async function forgetOtherBuilds() {
  const others = (await caches.keys()).filter((name) => name.startsWith('page-') && name !== cacheName)
  await Promise.all(others.map((name) => caches.delete(name)))
}

addEventListener('fetch', (event) => {
  const { request } = event
  const { origin, pathname } = new URL(request.url)
  if (request.method !== 'GET' || origin !== location.origin) return
  if (pathname.startsWith('/_next/static/') || pathname === '/icon.svg') event.respondWith(fromCache(request))
  else if (request.mode === 'navigate' && pathname === '/') event.respondWith(fromNetwork(request))
  // Everything else, the token and the hub above all, goes to the server as if this were not here.
})

/** Names of static files change with what is in them: a copy is as good as the original. */
async function fromCache(request) {
  return (await caches.match(request)) ?? fetch(request)
}

async function fromNetwork(request) {
  try {
    const page = await fetch(request, { signal: AbortSignal.timeout(patience) })
    if (page.ok) return page
    return (await caches.match('/')) ?? page
  } catch (error) {
    const page = await caches.match('/')
    if (page) return page
    throw error
  }
}
