import { defineConfig } from 'tsup'

// The npm package. The script-tag files come from build.ts.
export default defineConfig({
  entry: {
    index: 'src/index.ts',
    axios: 'src/interceptors/axios.ts',
    ky: 'src/interceptors/ky.ts',
    testing: 'src/testing/testing.ts',
  },
  format: ['esm', 'cjs'],
  target: 'es2020',
  clean: true,
  noExternal: ['@helloagain/protocol', '@helloagain/recognition'],
  // Neither package is a dependency of the published one: its types are copied in, from its build. tsup would
  // leave alone what `paths` names, hence a tsconfig without them.
  tsconfig: 'tsconfig.build.json',
  dts: { resolve: ['@helloagain/protocol', '@helloagain/recognition'] },
})
