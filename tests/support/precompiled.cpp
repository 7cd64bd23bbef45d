// Nothing: its target precompiles the headers that suites share.
int main() {}
