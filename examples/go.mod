module vole.example

go 1.27
