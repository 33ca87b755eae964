process.stdout.write(`${JSON.stringify({ machine: {}, rows: [] })}\n`)
