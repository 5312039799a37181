/** WASI programs as text, for the shell's `wasi`. Each keeps its names of files in memory from 16 on and an iovec at 0. */

const IMPORTS = `
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get" (func $args_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $environ_sizes_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_get" (func $environ_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open" (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_create_directory" (func $path_create_directory (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_unlink_file" (func $path_unlink_file (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_rename" (func $path_rename (param i32 i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 2)
  (func $iovec (param $at i32) (param $length i32)
    (i32.store (i32.const 0) (local.get $at))
    (i32.store (i32.const 4) (local.get $length)))
  (func $write (param $fd i32) (param $at i32) (param $length i32)
    (call $iovec (local.get $at) (local.get $length))
    (if (call $fd_write (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8)) (then (call $proc_exit (i32.const 90)))))
  (func $read (param $fd i32) (param $at i32) (result i32)
    (call $iovec (local.get $at) (i32.const 4096))
    (if (call $fd_read (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8)) (then (call $proc_exit (i32.const 91))))
    (i32.load (i32.const 8)))
`;

/**
 * Reads `in.txt`, writes it in capitals into `made/out.txt`, deletes `old.txt`, prints its arguments and variables (each ended by a NUL) and then its input,
 * complains, and exits with 7. Where there is no `in.txt` it exits with 44, which is ENOENT.
 */
export const CAPITALS: string = `(module ${IMPORTS}
  (data (i32.const 16) "in.txt") (data (i32.const 32) "made/out.txt") (data (i32.const 64) "made") (data (i32.const 80) "old.txt") (data (i32.const 96) "oops\\n")
  (func (export "_start") (local $length i32) (local $at i32) (local $failed i32)
    (local.set $failed (call $path_open (i32.const 3) (i32.const 0) (i32.const 16) (i32.const 6) (i32.const 0) (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 128)))
    (if (local.get $failed) (then (call $proc_exit (local.get $failed))))
    (local.set $length (call $read (i32.load (i32.const 128)) (i32.const 8192)))
    (loop $next
      (if (i32.lt_u (local.get $at) (local.get $length)) (then
        (i32.store8 (i32.add (i32.const 8192) (local.get $at))
          (i32.and (i32.load8_u (i32.add (i32.const 8192) (local.get $at))) (i32.const 0xdf)))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $next))))
    (drop (call $path_create_directory (i32.const 3) (i32.const 64) (i32.const 4)))
    (if (call $path_open (i32.const 3) (i32.const 0) (i32.const 32) (i32.const 12) (i32.const 9) (i64.const 64) (i64.const 0) (i32.const 0) (i32.const 132))
      (then (call $proc_exit (i32.const 92))))
    (call $write (i32.load (i32.const 132)) (i32.const 8192) (local.get $length))
    (drop (call $path_unlink_file (i32.const 3) (i32.const 80) (i32.const 7)))
    (drop (call $args_sizes_get (i32.const 256) (i32.const 260)))
    (drop (call $args_get (i32.const 264) (i32.const 1024)))
    (call $write (i32.const 1) (i32.const 1024) (i32.load (i32.const 260)))
    (drop (call $environ_sizes_get (i32.const 256) (i32.const 260)))
    (drop (call $environ_get (i32.const 264) (i32.const 2048)))
    (call $write (i32.const 1) (i32.const 2048) (i32.load (i32.const 260)))
    (call $write (i32.const 1) (i32.const 16384) (call $read (i32.const 0) (i32.const 16384)))
    (call $write (i32.const 2) (i32.const 96) (i32.const 5))
    (call $proc_exit (i32.const 7))))`;

/** Never ends. */
export const FOREVER: string = `(module ${IMPORTS} (func (export "_start") (loop $again (br $again))))`;

/** Divides by nothing. */
export const TRAP: string = `(module ${IMPORTS} (func (export "_start") (drop (i32.div_u (i32.const 1) (i32.const 0)))))`;

/** Takes all the memory it can get, 16 MiB at a time, and exits with how often it did. */
export const GREEDY: string = `(module ${IMPORTS}
  (func (export "_start") (local $times i32)
    (loop $again
      (if (i32.ne (memory.grow (i32.const 256)) (i32.const -1)) (then
        (local.set $times (i32.add (local.get $times) (i32.const 1)))
        (br $again))))
    (call $proc_exit (local.get $times))))`;

/** Prints without end. */
export const CHATTY: string = `(module ${IMPORTS} (func (export "_start") (loop $again (call $write (i32.const 1) (i32.const 0) (i32.const 65536)) (br $again))))`;

/** Writes into `big` without end, and exits with what it is refused with: 51 is ENOSPC. */
export const FILLING: string = `(module ${IMPORTS}
  (data (i32.const 16) "big")
  (func (export "_start") (local $failed i32)
    (drop (call $path_open (i32.const 3) (i32.const 0) (i32.const 16) (i32.const 3) (i32.const 9) (i64.const 64) (i64.const 0) (i32.const 0) (i32.const 128)))
    (call $iovec (i32.const 0) (i32.const 65536))
    (loop $again
      (local.set $failed (call $fd_write (i32.load (i32.const 128)) (i32.const 0) (i32.const 1) (i32.const 8)))
      (br_if $again (i32.eqz (local.get $failed))))
    (call $proc_exit (local.get $failed))))`;

/** Renames `from` to `to`, and exits with what it is refused with. */
export const RENAMING: string = `(module ${IMPORTS}
  (data (i32.const 16) "from") (data (i32.const 32) "to")
  (func (export "_start")
    (call $proc_exit (call $path_rename (i32.const 3) (i32.const 16) (i32.const 4) (i32.const 3) (i32.const 32) (i32.const 2)))))`;
