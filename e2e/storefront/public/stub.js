// Keeps calls made before the SDK has loaded; the SDK replays them in order.
window.HelloAgain = window.HelloAgain || { q: [] }
for (const method of ['init', 'track', 'page', 'identify', 'onRecognized', 'optIn', 'optOut']) {
  window.HelloAgain[method] =
    window.HelloAgain[method] ||
    ((...args) => {
      window.HelloAgain.q.push([method, args])
    })
}
