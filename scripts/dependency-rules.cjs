// The direction of imports, as ARCHITECTURE.md draws it. Run by `npm run check`.
const wing = (name) => `^src/${name}/`;
const platform = '(idb|sqlite|opfs)\\.ts$';

const never = (name, from, to, comment) => ({ name, severity: 'error', comment, from: { path: from, pathNot: '(\\.test|/test-support)\\.ts$' }, to });

module.exports = {
  forbidden: [
    never('wings-apart', wing('client'), { path: [wing('engine'), wing('server'), wing('wire')] }, 'client and engine meet in rpc/contract.ts'),
    never('engine-apart', wing('engine'), { path: [wing('client'), wing('server')] }, 'engine and server meet in wire/'),
    never('server-apart', wing('server'), { path: [wing('client'), wing('engine'), wing('rpc')] }, 'the server knows no engine'),
    never('base-is-ground', wing('base'), { path: ['^src/(?!base/)', 'node_modules'] }, 'base has no imports of its own'),
    never('core-on-base', wing('core'), { path: '^src/(?!base/|core/)' }, 'core stands on base'),
    never('wire-on-base', wing('wire'), { path: '^src/(?!base/|core/|wire/)' }, 'wire stands on base'),
    never('rpc-on-base', wing('rpc'), { path: '^src/(?!base/|core/|rpc/)' }, 'rpc stands on base'),
    never('mount-under-shell', '^src/engine/(mount|sync|remote|journal|cache)/', { path: '^src/engine/shell/' }, 'arrows run down the floors'),
    never('sync-under-mount', '^src/engine/(sync|remote|journal|cache)/', { path: '^src/engine/mount/' }, 'arrows run down the floors'),
    never('remote-is-low', '^src/engine/(remote|journal|cache)/', { path: '^src/engine/sync/' }, 'arrows run down the floors'),
    never('demo-is-a-user', '^demo/', { path: '^(worker|test|scripts)/' }, 'the demo imports the public exports only'),
    {
      name: 'node-in-adapters',
      severity: 'error',
      comment: 'only adapters and entries name a platform',
      from: { path: '^src/', pathNot: `^src/runtime/|${platform}|\\.test\\.ts$` },
      to: { path: '^node:' },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: 'src/core/generated' },
    tsPreCompilationDeps: 'specify',
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['mesafs-source', 'import', 'default'] },
  },
};
