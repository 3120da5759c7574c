# R's own L-BFGS-B, optim(method = "L-BFGS-B"), as a client of the checker:
#     python -m lbfgsb77 reference check --command "Rscript optim.R"
# or, of the package lbfgsb3c: "Rscript optim.R lbfgsb3c"

input <- file("stdin", open = "r")

# The numbers of a key: hexadecimal ones, because R doesn't read every decimal exactly.
numbers <- function(line, key) {
  text <- sub(paste0('.*"', key, '":(\\[[^]]*\\]|[^,}]*).*'), "\\1", line)
  as.numeric(strsplit(gsub('[]["]', "", gsub("null", "nan", text)), ",")[[1]])
}

# A vector as JSON, with the 17 digits that tell every double.
shown <- function(x) paste0("[", paste(sprintf("%.17g", x), collapse = ","), "]")

say <- function(...) {
  cat(..., "\n", sep = "")
  flush(stdout())
}

solve <- function(line) {
  x0 <- numbers(line, "x0_hex")
  lower <- numbers(line, "l_hex")
  upper <- numbers(line, "u_hex")
  lower[is.nan(lower)] <- -Inf
  upper[is.nan(upper)] <- Inf

  # optim asks for f and for the gradient separately.
  last <- NULL
  evaluate <- function(x) {
    if (is.null(last) || !identical(last$x, x)) {
      say('{"evaluate":', shown(x), "}")
      answer <- readLines(input, 1)
      last <<- list(x = x, f = numbers(answer, "f_hex"), g = numbers(answer, "g_hex"))
    }
    last
  }
  control <- list(
    lmm = numbers(line, "m"), factr = numbers(line, "factr"), pgtol = numbers(line, "pgtol"),
    maxit = numbers(line, "maxiter")
  )
  f <- function(x) evaluate(x)$f
  g <- function(x) evaluate(x)$g
  result <- tryCatch(
    if (package == "optim") {
      optim(x0, f, g, method = "L-BFGS-B", lower = lower, upper = upper, control = control)
    } else {
      lbfgsb3c::lbfgsb3c(x0, f, g, lower = lower, upper = upper, control = control)
    },
    error = function(e) list(par = x0, value = NaN, message = paste("ERROR:", conditionMessage(e)),
                             counts = 0)
  )
  message <- if (result$message == "NEW_X") "ITERATION LIMIT" else result$message
  f <- if (is.nan(result$value)) '"nan"' else sprintf("%.17g", result$value)
  say('{"end":"', gsub('"', "'", message), '","x":', shown(result$par), ',"f":', f, "}")
}

package <- c(commandArgs(trailingOnly = TRUE), "optim")[1]
version <- if (package == "optim") getRversion() else packageVersion(package)
say('{"hello":"R ', package, '","version":"', as.character(version), '"}')
while (length(line <- readLines(input, 1)) > 0) solve(line)
