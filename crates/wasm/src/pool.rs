//! The pool as a class.

use mesa_core::{self as core, Merge, Need, apply, conflict, patch, side, tree};
use wasm_bindgen::prelude::*;

use crate::convert::*;
use crate::js::{Bytes, ToJs};
use crate::types::*;

/// The objects one computation may see. It never asks back: what it lacks it names, in an answer `{ missing }`.
#[wasm_bindgen]
#[derive(Default)]
pub struct ObjectPool {
    pool: core::ObjectPool,
}

#[wasm_bindgen]
impl ObjectPool {
    /// Makes a pool that knows the empty tree only.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Hashes and keeps an object.
    pub fn put(
        &mut self,
        #[wasm_bindgen(js_name = kind, unchecked_param_type = "ObjectKind")] object_kind: &str,
        bytes: Vec<u8>,
    ) -> Result<String, JsValue> {
        Ok(self.pool.put(kind(object_kind)?, bytes).to_hex())
    }

    /// Keeps an object; throws `HASH_MISMATCH` when its bytes don't hash to the id.
    #[wasm_bindgen(js_name = putKnown)]
    pub fn put_known(
        &mut self,
        #[wasm_bindgen(js_name = oid)] hex: &str,
        #[wasm_bindgen(js_name = kind, unchecked_param_type = "ObjectKind")] object_kind: &str,
        bytes: Vec<u8>,
    ) -> Result<(), JsValue> {
        self.pool.put_known(oid(hex)?, kind(object_kind)?, bytes).map_err(throw)
    }

    /// Keeps an object that was checked before.
    #[wasm_bindgen(js_name = putTrusted)]
    pub fn put_trusted(
        &mut self,
        #[wasm_bindgen(js_name = oid)] hex: &str,
        #[wasm_bindgen(js_name = kind, unchecked_param_type = "ObjectKind")] object_kind: &str,
        bytes: Vec<u8>,
    ) -> Result<(), JsValue> {
        self.pool.put_trusted(oid(hex)?, kind(object_kind)?, bytes);
        Ok(())
    }

    /// Whether the object is here.
    pub fn has(&self, #[wasm_bindgen(js_name = oid)] hex: &str) -> Result<bool, JsValue> {
        Ok(self.pool.has(oid(hex)?))
    }

    /// Gives an object, if it is here.
    #[wasm_bindgen(unchecked_return_type = "PoolObject | undefined")]
    pub fn get(&self, #[wasm_bindgen(js_name = oid)] hex: &str) -> JsResult {
        match self.pool.get(oid(hex)?) {
            Some((kind, bytes)) => Ok(PoolObject { kind: kind_out(kind), bytes: Bytes(bytes) }.to_js()),
            None => Ok(JsValue::UNDEFINED),
        }
    }

    /// Gives the objects the pool made since the last take, oldest first: trees, merged blobs, side tables.
    #[wasm_bindgen(js_name = takeCreated, unchecked_return_type = "CreatedObject[]")]
    pub fn take_created(&mut self) -> JsResult {
        let created = map(&self.pool.take_created(), |(oid, kind, bytes)| CreatedObject {
            oid: oid.to_hex(),
            kind: kind_out(*kind),
            bytes: Bytes(bytes.clone()),
        });
        Ok(created.to_js())
    }

    /// Looks paths up.
    #[wasm_bindgen(unchecked_return_type = "Missing | LookupResult")]
    pub fn lookup(
        &mut self,
        #[wasm_bindgen(js_name = trees)] roots: Vec<String>,
        side: Option<String>,
        paths: Vec<String>,
    ) -> JsResult {
        let (roots, side) = (trees(&roots)?, optional_oid(side)?);
        let mut need = Need::default();
        let mut found = Vec::with_capacity(paths.len());
        for path in &paths {
            let names = core::path::split_path(path).map_err(throw)?;
            let looked_up = need.take(tree::lookup(&mut self.pool, &roots, side, &names)).map_err(throw)?;
            found.extend(looked_up.map(|lookup| lookup_out(&names, lookup)));
        }
        answer(need.finish(), |()| LookupResult { found })
    }

    /// Lists a directory.
    #[wasm_bindgen(unchecked_return_type = "Missing | ListResult | ListError")]
    pub fn list(
        &mut self,
        #[wasm_bindgen(js_name = trees)] roots: Vec<String>,
        side: Option<String>,
        path: &str,
    ) -> JsResult {
        let names = core::path::split_path(path).map_err(throw)?;
        let listed = |listed: &tree::Listed| Listed {
            name: name_out(&listed.name),
            terms: terms_out(&listed.terms),
            kind: path_kind(listed.kind),
            mtime: listed.mtime.map(|mtime| mtime as f64),
        };
        match tree::list(&mut self.pool, &trees(&roots)?, optional_oid(side)?, &names) {
            Ok(Err(tree::ListFault::Absent)) => Ok(ListError { error: ListErrorCode::Absent }.to_js()),
            Ok(Err(tree::ListFault::NotDirectory)) => {
                Ok(ListError { error: ListErrorCode::NotDirectory }.to_js())
            }
            Ok(Ok(entries)) => Ok(ListResult { entries: map(&entries, listed) }.to_js()),
            Err(stop) => stopped(stop),
        }
    }

    /// Applies edits one after the other: all of them, or none.
    #[wasm_bindgen(unchecked_return_type = "Missing | ApplyResult")]
    pub fn apply(
        &mut self,
        #[wasm_bindgen(js_name = trees)] roots: Vec<String>,
        side: Option<String>,
        #[wasm_bindgen(unchecked_param_type = "Edit[]")] edits: JsValue,
    ) -> JsResult {
        let edits: Vec<Edit> = decode(edits, "edits")?;
        let edits = try_map(&edits, edit).map_err(throw)?;
        let applied = apply::apply(&mut self.pool, &trees(&roots)?, optional_oid(side)?, &edits);
        answer(applied, |applied| ApplyResult {
            trees: tree_ids(&applied.trees),
            side: applied.side.map(core::Oid::to_hex),
            results: map(&applied.results, edit_result),
        })
    }

    /// Merges versions, `+ − + …`, each a list of root trees.
    #[wasm_bindgen(js_name = mergeTrees, unchecked_return_type = "Missing | MergeResult")]
    pub fn merge_trees(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "string[][]")] sides: JsValue,
    ) -> JsResult {
        let sides: Vec<Vec<String>> = decode(sides, "sides")?;
        let sides = sides.iter().map(|side| trees(side)).collect::<Result<Vec<_>, _>>()?;
        let sides = Merge::new(sides).map_err(throw)?.flatten();
        let merged = self.pool.transact(
            |pool| {
                let merged = tree::merge_trees(pool, &sides)?;
                let conflicts = tree::conflicts(pool, &merged)?;
                Ok((merged, conflicts))
            },
            |(merged, _)| merged.iter().copied().collect(),
        );
        answer(merged, |(merged, conflicts)| MergeResult {
            trees: tree_ids(&merged),
            conflicts: map(&conflicts, |(path, _)| path.clone()),
        })
    }

    /// Merges the sides of two versions with that of their base, `+ − +`.
    #[wasm_bindgen(js_name = mergeSides, unchecked_return_type = "Missing | SideResult")]
    pub fn merge_sides(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "(string | null)[]")] sides: JsValue,
    ) -> JsResult {
        let sides: Vec<Option<String>> = decode(sides, "sides")?;
        let sides = sides.into_iter().map(optional_oid).collect::<Result<Vec<_>, _>>()?;
        let sides = Merge::new(sides).map_err(throw)?;
        let merged =
            self.pool.transact(|pool| side::merge_sides(pool, &sides), |side| side.iter().copied().collect());
        answer(merged, |side| SideResult { side: side.map(core::Oid::to_hex) })
    }

    /// Merges what stands at one path in several versions.
    #[wasm_bindgen(js_name = mergeEntries, unchecked_return_type = "Missing | TermsResult")]
    pub fn merge_entries(
        &mut self,
        #[wasm_bindgen(js_name = terms, unchecked_param_type = "Terms[]")] sides: JsValue,
    ) -> JsResult {
        let sides: Vec<Terms> = decode(sides, "sides")?;
        let sides = try_map(&sides, terms).and_then(Merge::new).map_err(throw)?;
        answer(self.pool.transact(|pool| tree::merge_entries(pool, sides), term_ids), |terms| TermsResult {
            terms: terms_out(&terms),
        })
    }

    /// Gives the files that differ between two versions.
    #[wasm_bindgen(js_name = diffTrees, unchecked_return_type = "Missing | DiffResult")]
    pub fn diff_trees(&mut self, before: Vec<String>, after: Vec<String>) -> JsResult {
        let changed = tree::diff_trees(&mut self.pool, &trees(&before)?, &trees(&after)?);
        answer(changed, |changed| DiffResult {
            changed: map(&changed, |changed| Changed {
                path: changed.path.clone(),
                before: terms_out(&changed.before),
                after: terms_out(&changed.after),
            }),
        })
    }

    /// Gives the paths in conflict.
    #[wasm_bindgen(unchecked_return_type = "Missing | ConflictsResult")]
    pub fn conflicts(&mut self, #[wasm_bindgen(js_name = trees)] roots: Vec<String>) -> JsResult {
        let conflicts = tree::conflicts(&mut self.pool, &trees(&roots)?);
        answer(conflicts, |paths| ConflictsResult {
            paths: map(&paths, |(path, terms)| ConflictedPath {
                path: path.clone(),
                terms: terms_out(terms),
            }),
        })
    }

    /// Gives the bytes a path reads as.
    #[wasm_bindgen(unchecked_return_type = "Missing | Rendered")]
    pub fn render(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "Terms")] terms: JsValue,
        #[wasm_bindgen(unchecked_param_type = "RenderOptions")] options: JsValue,
    ) -> JsResult {
        let (terms, options) = (decode_terms(terms)?, decode::<RenderOptions>(options, "options")?);
        let rendered = conflict::render(&mut self.pool, &terms, style(options.style), &options.labels);
        answer(rendered, |rendered| Rendered {
            bytes: Bytes(rendered.bytes),
            mode: rendered.mode.map_or(0, core::Mode::bits),
            conflicted: rendered.conflicted,
            hunks: rendered.hunks,
        })
    }

    /// Gives what writing these bytes makes of the terms they replace.
    #[wasm_bindgen(unchecked_return_type = "Missing | TermsResult")]
    pub fn parse(
        &mut self,
        bytes: &[u8],
        #[wasm_bindgen(unchecked_param_type = "Terms")] terms: JsValue,
    ) -> JsResult {
        let terms = decode_terms(terms)?;
        let parsed = self.pool.transact(|pool| conflict::parse(pool, bytes, &terms), term_ids);
        answer(parsed, |terms| TermsResult { terms: terms_out(&terms) })
    }

    /// Gives the conflicts inside a file.
    #[wasm_bindgen(js_name = conflictHunks, unchecked_return_type = "Missing | ConflictHunksResult")]
    pub fn conflict_hunks(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "Terms")] terms: JsValue,
    ) -> JsResult {
        let hunks = conflict::conflict_hunks(&mut self.pool, &decode_terms(terms)?);
        let hunk = |hunk: &conflict::ConflictHunk| ConflictHunk {
            hunk_id: hunk.hunk_id.to_hex(),
            old_start: hunk.old_start,
            old_lines: hunk.old_lines,
            new_start: hunk.new_start,
            new_lines: hunk.new_lines,
            terms: map(&hunk.terms, |text| text.as_ref().map(|text| Bytes(text.as_slice().into()))),
        };
        answer(hunks, |found| ConflictHunksResult { hunks: map(&found.hunks, hunk), binary: found.binary })
    }

    /// Makes the tree git sees for a commit of these root trees.
    #[wasm_bindgen(js_name = conflictTree, unchecked_return_type = "Missing | TreeResult")]
    pub fn conflict_tree(&mut self, #[wasm_bindgen(js_name = trees)] roots: Vec<String>) -> JsResult {
        let roots = trees(&roots)?;
        let made = self.pool.transact(|pool| tree::make_conflict_tree(pool, &roots), |tree| vec![*tree]);
        answer(made, |tree| TreeResult { tree: tree.to_hex() })
    }

    /// Finds the renamed files among changes, as git does: by content, by a name nothing else has, and, where what went times what came is
    /// at most the square of `limit`, by what they share. With the limit 0 by content only, and no content is read.
    #[wasm_bindgen(js_name = findRenames, unchecked_return_type = "Missing | RenamesResult")]
    pub fn find_renames(
        &mut self,
        #[wasm_bindgen(js_name = changed, unchecked_param_type = "Changed[]")] changed: JsValue,
        limit: u32,
    ) -> JsResult {
        let changed = changed_in(changed)?;
        answer(tree::find_renames(&mut self.pool, &changed, limit as usize), |renamed| {
            let show = |renamed: &tree::Renamed| Renamed {
                from: renamed.from as u32,
                to: renamed.to as u32,
                similarity: u32::from(renamed.similarity),
            };
            RenamesResult { renamed: renamed.iter().map(show).collect() }
        })
    }

    /// Gives a patch of changed files as `git diff` prints it.
    #[wasm_bindgen(js_name = unifiedPatch, unchecked_return_type = "Missing | PatchResult")]
    pub fn unified_patch(
        &mut self,
        #[wasm_bindgen(js_name = changed, unchecked_param_type = "Changed[]")] changed: JsValue,
        #[wasm_bindgen(js_name = contextLines)] context_lines: u32,
    ) -> JsResult {
        let changed = changed_in(changed)?;
        let patch = patch::unified_patch(&mut self.pool, &changed, context_lines as usize);
        answer(patch, |patch| PatchResult { patch: Bytes(patch.into()) })
    }
}

fn changed_in(changed: JsValue) -> Result<Vec<tree::Changed>, JsValue> {
    let changed: Vec<Changed> = decode(changed, "changed")?;
    let changed = try_map(&changed, |changed| {
        let (before, after) = (terms(&changed.before)?, terms(&changed.after)?);
        Ok(tree::Changed { path: changed.path.clone(), before, after })
    });
    changed.map_err(throw)
}

fn lookup_out(names: &[core::Name], lookup: tree::Lookup) -> Lookup {
    let through = lookup.through.as_ref();
    Lookup {
        terms: terms_out(&lookup.terms),
        kind: path_kind(lookup.kind),
        mtime: lookup.mtime.map(|mtime| mtime as f64),
        through: through.map(|through| core::path::join_path(names.get(..through.depth).unwrap_or(names))),
        through_terms: through.map(|through| terms_out(&through.terms)),
    }
}

fn term_ids(terms: &core::Terms) -> Vec<core::Oid> {
    terms.iter().flatten().map(|entry| entry.oid).collect()
}
