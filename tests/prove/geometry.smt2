; geometry.smt2: do objects, free list and colour always fit into a slab?
;
; Each claim is proved by asking for a counterexample: z3 answers unsat when
; there is none, for all sizes 1..4 MiB, alignments and orders at once. Each
; part ends with a claim that is wrong on purpose, where z3 must find the
; counterexample (sat), so that a part whose assumptions contradict each
; other, and that would prove anything, is noticed.
;
; A line of output says which answer is wanted; the next line is the answer.

; Part 1, in 32-bit words: from the request to alignment and stride.

(define-fun power-of-two ((x (_ BitVec 32))) Bool
  (and (not (= x #x00000000)) (= (bvand x (bvsub x #x00000001)) #x00000000)))
(define-fun max2 ((x (_ BitVec 32)) (y (_ BitVec 32))) (_ BitVec 32)
  (ite (bvugt x y) x y))
(define-fun align-up ((x (_ BitVec 32)) (a (_ BitVec 32))) (_ BitVec 32)
  (bvand (bvsub (bvadd x a) #x00000001) (bvnot (bvsub a #x00000001))))
; The cache line, halved while two objects fit into it. Below 8 it does not matter.
(define-fun line-for ((size (_ BitVec 32))) (_ BitVec 32)
  (ite (bvule size #x00000008) #x00000008
  (ite (bvule size #x00000010) #x00000010
  (ite (bvule size #x00000020) #x00000020 #x00000040))))

(declare-const size (_ BitVec 32))      ; object_size
(declare-const asked (_ BitVec 32))     ; align as the caller gave it
(declare-const hwcache Bool)            ; SLAB_HWCACHE_ALIGN
(assert (and (bvuge size #x00000001) (bvule size #x00400000)))
(assert (or (= asked #x00000000) (and (power-of-two asked) (bvule asked #x00001000))))

(define-fun align () (_ BitVec 32)
  (max2 #x00000008 (ite hwcache (max2 asked (line-for size)) asked)))
(define-fun rounded () (_ BitVec 32) (align-up (align-up size #x00000008) align))
(define-fun stride () (_ BitVec 32)
  (ite (bvult rounded #x00000010) (align-up #x00000010 align) rounded))

(echo "want unsat: the alignment is a power of two, at least 8, at least what was asked, at most 64 beyond that")
(push)
(assert (not (and (power-of-two align) (bvuge align #x00000008) (bvuge align asked)
                  (bvule align (max2 asked #x00000040)))))
(check-sat)
(pop)

(echo "want unsat: the stride is a multiple of the alignment and of 8")
(push)
(assert (not (and (= (bvurem stride align) #x00000000) (= (bvand stride #x00000007) #x00000000))))
(check-sat)
(pop)

(echo "want unsat: an object fits into its stride, which is 16 or more and within 4 MiB")
(push)
(assert (not (and (bvuge stride size) (bvuge stride #x00000010) (bvule stride #x00400000))))
(check-sat)
(pop)

(echo "want unsat: less than one alignment, or less than 16 bytes, is padding")
(push)
(assert (not (bvult (bvsub stride size) (max2 align #x00000010))))
(check-sat)
(pop)

(declare-const k (_ BitVec 32))         ; which object, from a line-aligned start

(echo "want unsat: with HWCACHE_ALIGN, an object of at most a line lies in one line")
(push)
(assert hwcache)
(assert (bvule size #x00000040))
(assert (bvugt (bvadd (bvand (bvmul k stride) #x0000003f) size) #x00000040))
(check-sat)
(pop)

(echo "want unsat: with HWCACHE_ALIGN, a larger object begins on a line")
(push)
(assert hwcache)
(assert (bvugt size #x00000040))
(assert (not (= (bvand (bvmul k stride) #x0000003f) #x00000000)))
(check-sat)
(pop)

(echo "want sat: (wrong) without HWCACHE_ALIGN an object of at most a line lies in one line")
(push)
(assert (not hwcache))
(assert (bvule size #x00000040))
(assert (bvugt (bvadd (bvand (bvmul k stride) #x0000003f) size) #x00000040))
(check-sat)
(pop)

; Part 2, in integers: from stride and order to objects, list and colour. What
; part 1 proved about the stride is assumed here. `slab` is 2^order pages.

(reset)
(declare-const object_size Int)
(declare-const stride Int)
(declare-const slab Int)                ; bytes of the slab
(declare-const num Int)                 ; objects
(declare-const colour Int)              ; how many colours
(declare-const c Int)                   ; the colour of one slab
(declare-const i Int)                   ; one object

(assert (and (<= 1 object_size) (<= object_size stride) (<= 16 stride) (<= stride 4194304)))
(assert (or (= slab 4096) (= slab 8192) (= slab 16384) (= slab 32768) (= slab 65536)
            (= slab 131072) (= slab 262144) (= slab 524288) (= slab 1048576)
            (= slab 2097152) (= slab 4194304)))
(assert (and (<= 1 num) (<= num 255)))
(assert (and (<= 0 i) (< i num)))
(assert (and (<= 0 c) (<= 0 colour) (or (< c colour) (= c 0))))

; How many objects fit: with one index byte each on the slab, and without.
(define-fun fit-on-slab () Bool
  (and (<= (* num (+ stride 1)) slab) (< slab (* (+ num 1) (+ stride 1)))))
(define-fun fit-alone () Bool
  (and (<= (* num stride) slab) (< slab (* (+ num 1) stride))))
(define-fun left-on-slab () Int (- slab (* num (+ stride 1))))
(define-fun left-alone () Int (- slab (* num stride)))
; colour = left / colour_off, as two inequalities.
(define-fun colours-of ((left Int) (colour_off Int)) Bool
  (and (<= (* colour colour_off) left) (< left (* (+ colour 1) colour_off))))

(declare-const colour_off Int)
(assert (<= 64 colour_off))

(echo "want unsat: the coloured objects end before an index list at the slab's end")
(push)
(assert fit-on-slab)
(assert (colours-of left-on-slab colour_off))
(assert (> (+ (* c colour_off) (* num stride)) (- slab num)))
(check-sat)
(pop)

(echo "want unsat: the coloured objects end in the slab when the list is elsewhere")
(push)
(assert fit-alone)
(assert (colours-of left-alone colour_off))
(assert (> (+ (* c colour_off) (* num stride)) slab))
(check-sat)
(pop)

(echo "want sat: (wrong) one colour more than colour would fit as well")
(push)
(assert fit-on-slab)
(assert (colours-of left-on-slab colour_off))
(assert (> (+ (* (+ colour 1) colour_off) (* num stride)) (- slab num)))
(check-sat)
(pop)

(echo "want unsat: a byte of object i, divided by the stride, gives i")
(push)
(declare-const byte Int)
(assert (and (<= (* i stride) byte) (< byte (+ (* i stride) object_size))))
(assert (not (= (div byte stride) i)))
(check-sat)
(pop)

(echo "want unsat: two objects share no byte")
(push)
(declare-const j Int)
(assert (and (< i j) (< j num)))
(assert (> (+ (* i stride) object_size) (* j stride)))
(check-sat)
(pop)

(echo "want unsat: OBJFREELIST: num index bytes stay in the object that hosts them, and in the slab")
(push)
(assert fit-alone)
(assert (<= num object_size))           ; the condition of this placement
(assert (colours-of left-alone colour_off))
(assert (or (> (+ (* i stride) num) (* (+ i 1) stride))
            (> (+ (* c colour_off) (* i stride) num) slab)))
(check-sat)
(pop)

(echo "want sat: (wrong) they always would")
(push)
(assert fit-alone)
(assert (> num object_size))
(check-sat)
(pop)

(echo "want unsat: OFF_SLAB: what was left could not hold the list, so fewer objects would fit on-slab")
(push)
(assert fit-alone)
(assert (< left-alone num))             ; the condition of this placement
(assert (<= (* num (+ stride 1)) slab))
(check-sat)
(pop)

(echo "want unsat: in one page with the list, even the smallest stride stays within index bytes")
(push)
(declare-const most Int)
(assert (<= (* most (+ stride 1)) 4096))
(assert (> most 240))
(check-sat)
(pop)

(echo "want unsat: in one page without the list, only stride 16 exceeds 255 objects")
(push)
(declare-const most Int)
(assert (> stride 16))
(assert (<= (* most stride) 4096))
(assert (> most 255))
(check-sat)
(pop)

(echo "want sat: (wrong) the same in two pages")
(push)
(declare-const most Int)
(assert (> stride 16))
(assert (<= (* most stride) 8192))
(assert (> most 255))
(check-sat)
(pop)

(echo "want unsat: the largest order holds an object of any stride when the list is elsewhere")
(push)
(assert (= slab 4194304))
(assert (> stride slab))
(check-sat)
(pop)

(echo "want sat: (wrong) and with the list, too")
(push)
(assert (= slab 4194304))
(assert (> (+ stride 1) slab))
(check-sat)
(pop)

; Part 3, in 32-bit words again: addresses. A slab begins at a multiple of its
; own length, as the page allocator's blocks do. Alignments go up to 4 MiB here,
; because power-of-two kmalloc sizes are aligned to themselves.

(reset)
(define-fun power-of-two ((x (_ BitVec 32))) Bool
  (and (not (= x #x00000000)) (= (bvand x (bvsub x #x00000001)) #x00000000)))
(declare-const base (_ BitVec 32))
(declare-const slab (_ BitVec 32))
(declare-const align (_ BitVec 32))
(declare-const c (_ BitVec 32))         ; colour of the slab
(define-fun misaligned ((x (_ BitVec 32))) Bool
  (not (= (bvand x (bvsub align #x00000001)) #x00000000)))
(define-fun colour_off () (_ BitVec 32) (ite (bvugt align #x00000040) align #x00000040))
(assert (and (power-of-two slab) (bvuge slab #x00001000) (bvule slab #x00400000)))
(assert (= (bvand base (bvsub slab #x00000001)) #x00000000))
(assert (and (power-of-two align) (bvuge align #x00000008) (bvule align slab)))

(echo "want unsat: the first object is aligned in every colour")
(push)
(assert (misaligned (bvadd base (bvmul c colour_off))))
(check-sat)
(pop)

; The stride is a multiple of the alignment, which part 1 proved.
(echo "want unsat: each next object is aligned when the one before it is")
(push)
(declare-const object (_ BitVec 32))
(declare-const stride (_ BitVec 32))
(assert (not (misaligned object)))
(assert (not (misaligned stride)))
(assert (misaligned (bvadd object stride)))
(check-sat)
(pop)

(echo "want sat: (wrong) colours a cache line apart would do for every alignment")
(push)
(assert (misaligned (bvadd base (bvmul c #x00000040))))
(check-sat)
(pop)
