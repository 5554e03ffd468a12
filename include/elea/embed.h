// SPDX-License-Identifier: Apache-2.0
//
// Text into vectors: a BERT-family model from a local folder, run on the CPU.
//
// Part of libelea_memory. The model is a folder as Hugging Face and sentence-transformers lay it
// out: config.json, model.safetensors, tokenizer.json or vocab.txt, and optionally
// tokenizer_config.json, sentence_bert_config.json, 1_Pooling/config.json and modules.json.
#ifndef ELEA_EMBED_H
#define ELEA_EMBED_H

#include <elea/base.h>
#include <elea/columnar.h>

#ifdef __cplusplus
extern "C" {
#endif

// ---- tokenizer

// WordPiece as the Hugging Face `tokenizers` package computes it for BERT: added tokens in the
// text, BertNormalizer, BertPreTokenizer, WordPiece, and the template [CLS] text [SEP]. The same
// text gives the same ids. Immutable; any number of threads may encode at a time.
typedef struct elea_tokenizer elea_tokenizer;

// Reads a model folder: tokenizer.json, or where there is none vocab.txt with the options of
// tokenizer_config.json (do_lower_case, strip_accents, tokenize_chinese_chars and the names of the
// special tokens; each has BERT's default). do_lower_case of sentence_bert_config.json holds, too.
//
// ELEA_ENOTFOUND: the folder has neither file. ELEA_EINVAL: a file is damaged (the message names it
// and says where), the vocabulary lacks the unknown token or one of the template, or the ids are
// not 0 .. count - 1. ELEA_EUNSUPPORTED: a tokenizer of another kind (another model, normalizer or
// pre-tokenizer), added tokens that are `single_word` or `normalized`, truncation on the left,
// words of more than 1024 characters.
ELEA_API ELEA_CHECKED elea_status elea_tokenizer_open(const char *directory, elea_pool *pool,
                                                      elea_tokenizer **out, elea_error *err);
ELEA_API void elea_tokenizer_free(elea_tokenizer *tokenizer);

// The ids of a text, those of the template included, into `ids`. A text that needs more than
// `capacity` (what the model is meant to see: elea_embedder_length_max()) is cut, so that the
// closing tokens of the template stay, and *cut (may be NULL) is true; *length is how many ids
// there are. An empty text gives the template alone. Padding and truncation that tokenizer.json
// asks for are not applied.
//
// ELEA_EINVAL: the text is not UTF-8; the message names the offset of the first wrong byte.
// ELEA_ECAPACITY: not even the template fits. Allocates nothing; needs about 24 KiB of stack.
ELEA_API ELEA_CHECKED elea_status elea_tokenizer_encode(const elea_tokenizer *tokenizer,
                                                        elea_bytes text, int32_t *ids,
                                                        int32_t capacity, int32_t *length,
                                                        bool *cut, elea_error *err);

// Ids are below this.
ELEA_API int32_t elea_tokenizer_vocabulary_size(const elea_tokenizer *tokenizer);
// The token of an id, borrowed from the tokenizer; {NULL, 0} when there is no such id.
ELEA_API elea_bytes elea_tokenizer_token(const elea_tokenizer *tokenizer, int32_t id);
// The id of a token, or -1.
ELEA_API int32_t elea_tokenizer_id(const elea_tokenizer *tokenizer, elea_bytes token);

// ---- embedder

// A model ready for use. Immutable: any number of threads may encode with it at the same time.
typedef struct elea_embedder elea_embedder;

// What the matrix products compute in. Sums, the residual stream, softmax and normalisation are
// float32 in both.
typedef enum elea_embed_precision {
    ELEA_EMBED_AUTO = 0, // bfloat16 where elea_cpu_has_bf16(), else float32
    ELEA_EMBED_F32 = 1,
    ELEA_EMBED_BF16 = 2, // ELEA_EUNSUPPORTED on a CPU on which oneDNN cannot
} elea_embed_precision;

// "auto", "f32", "bf16"; "unknown" for a value that is not in the list.
ELEA_API const char *elea_embed_precision_name(elea_embed_precision precision);

typedef struct elea_embedder_options {
    elea_embed_precision precision; // default ELEA_EMBED_AUTO
    // Borrowed, for opening and encoding; must outlive the embedder. NULL: the default pools.
    elea_thread_pool *threads;
    elea_pool *pool;
    // Tokens of a text that are used, [CLS] and [SEP] included; what is beyond is cut off. 0: the
    // model's own limit (see elea_embedder_length_max()). From 2 to the model's positions.
    int32_t length_max;
} elea_embedder_options;

ELEA_API void elea_embedder_options_init(elea_embedder_options *options);

// Opens a model folder. The weights file is mapped; embedding tables, biases and norms stored as
// float32 are used where they lie, the matrices are packed once into the layout that oneDNN wants.
//
// ELEA_ENOTFOUND: no such folder or file. ELEA_EINVAL: a file is damaged or contradicts another
// (a missing tensor, a shape other than config.json says, offsets outside the file). ELEA_ETYPE:
// a tensor that is not F32, F16 or BF16. ELEA_EUNSUPPORTED: not a BERT-family encoder, an
// activation other than gelu, gelu_new, gelu_pytorch_tanh and relu, positions that are not
// absolute, pooling other than mean and cls, modules after pooling other than Normalize. The
// message names file, tensor or key, what was found and what was expected.
//
// oneDNN and jansson allocate their own small objects with malloc(); all else comes from the pool.
ELEA_API ELEA_CHECKED elea_status elea_embedder_open(const char *directory,
                                                     const elea_embedder_options *options,
                                                     elea_embedder **out, elea_error *err);
ELEA_API void elea_embedder_free(elea_embedder *embedder);

// The length of a vector.
ELEA_API int32_t elea_embedder_dimension(const elea_embedder *embedder);
// Tokens of a text that are used. Unless an option said otherwise: max_seq_length of
// sentence_bert_config.json, else model_max_length of tokenizer_config.json, and at most the
// positions of the model and 4096.
ELEA_API int32_t elea_embedder_length_max(const elea_embedder *embedder);
// ELEA_EMBED_F32 or ELEA_EMBED_BF16.
ELEA_API elea_embed_precision elea_embedder_precision(const elea_embedder *embedder);
// What a store records about the vectors it holds. `name` is the model folder's last component,
// `pooling` is "mean" or "cls", `fingerprint` 16 hex digits: XXH64, seed 0, of the bytes of
// model.safetensors.
ELEA_API const char *elea_embedder_name(const elea_embedder *embedder);
ELEA_API const char *elea_embedder_fingerprint(const elea_embedder *embedder);
ELEA_API const char *elea_embedder_pooling(const elea_embedder *embedder);

// How to run: all may be NULL.
typedef struct elea_embed_run {
    const elea_cancel *cancel; // asked between batches: ELEA_ECANCELLED
    // Told how many of `total` texts are done. From any worker, but never two at a time, and
    // `done` never falls; the last call, from the caller's thread, says done == total.
    void (*progress)(void *context, int64_t done, int64_t total);
    void *context;
} elea_embed_run;

// What a run did. All are sums over its texts.
typedef struct elea_embed_figures {
    int64_t texts;
    int64_t texts_cut;     // longer than length_max
    int64_t tokens;        // used, [CLS] and [SEP] included
    int64_t tokens_padded; // rows of nothing that went through the matrix products
    double operations;     // 2*m*n*k of all matrix products for `tokens`, attention included
} elea_embed_figures;

// Encodes `count` texts into `out`: count x dimension float16, row i for text i, each of unit
// length. An empty text is legal ([CLS][SEP]). A text that is not UTF-8 gives ELEA_EINVAL with its
// index and the byte offset. `run` and `figures` may be NULL. On failure `out` is undefined and
// `figures` untouched.
//
// Texts are tokenized on all workers, sorted by length and laid end to end without padding, so
// that a batch is one matrix of tokens. What texts share a batch depends on the texts alone, never
// on the number of threads, and neither does any bit of the result; a text's vector in other
// company is equal to within rounding (cosine 0.9999 and better).
ELEA_API ELEA_CHECKED elea_status elea_embedder_encode_halves(
    const elea_embedder *embedder, const elea_bytes *texts, int64_t count,
    const elea_embed_run *run, uint16_t *out, elea_embed_figures *figures, elea_error *err);

// The same as an array of fixed_size_list<item: float16>[dimension]: the vectors are
// computed into the array's own buffer.
ELEA_API ELEA_CHECKED elea_status elea_embedder_encode(const elea_embedder *embedder,
                                                       const elea_bytes *texts, int64_t count,
                                                       const elea_embed_run *run, elea_array **out,
                                                       elea_embed_figures *figures,
                                                       elea_error *err);

// The same for the rows of a utf8 array (ELEA_ETYPE for another type); a null text gives a null
// vector, with zeros under it.
ELEA_API ELEA_CHECKED elea_status elea_embedder_encode_array(
    const elea_embedder *embedder, const elea_array *texts, const elea_embed_run *run,
    elea_array **out, elea_embed_figures *figures, elea_error *err);

// A new reference to fixed_size_list<item: float16>[dimension].
ELEA_API ELEA_CHECKED elea_status elea_embedder_type_new(const elea_embedder *embedder,
                                                         elea_type **out, elea_error *err);

// ---- where models are

// Appends the folder in which tools/get-model puts the model `name` ("all-MiniLM-L6-v2"):
// $ELEA_MODELS/name, else elea/models/name in the user's cache folder ($XDG_CACHE_HOME, or .cache
// in $HOME). Whether it is there is not looked at. ELEA_ENOTFOUND when no variable is set.
ELEA_API ELEA_CHECKED elea_status elea_model_directory(const char *name, elea_text *out,
                                                       elea_error *err);

#ifdef __cplusplus
}
#endif

#endif // ELEA_EMBED_H
