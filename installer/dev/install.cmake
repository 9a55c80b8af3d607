# For web developers: the virtual card (tests/vcard/CMakeLists.txt), its command, and the example service, which stands beside
# the page library as in the source tree. The npm packages of both are what is in their node_modules.
set(KS_DEV_FOLDER ${CMAKE_INSTALL_FULL_LIBEXECDIR}/korttisilta-dev)
set(KS_SERVICE ${CMAKE_INSTALL_FULL_DATADIR}/korttisilta-dev/demo/service)
configure_file(installer/dev/korttisilta-devcard ${CMAKE_BINARY_DIR}/installer/korttisilta-devcard @ONLY)
install(PROGRAMS ${CMAKE_BINARY_DIR}/installer/korttisilta-devcard DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES installer/dev/korttisilta-devcard.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
foreach(folder js demo/service)
  get_filename_component(parent ${folder} DIRECTORY)
  install(DIRECTORY ${folder} DESTINATION ${CMAKE_INSTALL_DATADIR}/korttisilta-dev/${parent} USE_SOURCE_PERMISSIONS
    PATTERN "*.test.mjs" EXCLUDE PATTERN scripts EXCLUDE PATTERN "eslint.config.js" EXCLUDE
    PATTERN "package-lock.json" EXCLUDE PATTERN "tsconfig.json" EXCLUDE PATTERN "README.md" EXCLUDE PATTERN ".git*" EXCLUDE
    PATTERN ".npmrc" EXCLUDE)
endforeach()
install(FILES demo/service/README.md RENAME example-service.md DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/korttisilta-dev)
install(FILES js/README.md RENAME page-library.md DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/korttisilta-dev)
install(FILES tests/vcard/README.md RENAME virtual-card.md DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/korttisilta-dev)
